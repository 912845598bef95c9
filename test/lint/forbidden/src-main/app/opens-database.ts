// Refused by: arrows-of-src-main-app
import Database from 'better-sqlite3';

export const opened = Database;
