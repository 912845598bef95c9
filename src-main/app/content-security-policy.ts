const common = ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "object-src 'none'"];

/**
 * What the page may load and run: only files of the console itself. Styles need no `unsafe-inline`: charts and components
 * set theirs through the CSSOM. Trusted Types close the ways from a string to script; only Vue's templates have a policy.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types vue',
  ...common,
].join('; ');

/** The same under the development server, whose hot reload needs its socket and inserts style elements. */
export function developmentPolicy(devServer: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    `connect-src 'self' ${devServer.replace(/^http/, 'ws')}`,
    "worker-src 'self' blob:",
    ...common,
  ].join('; ');
}
