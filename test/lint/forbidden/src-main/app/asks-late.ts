// Refused by: arrows-of-src-main-app
export const late = import('../cli/command.ts');
