// Refused by: arrows-of-src-main-host
import { decompress } from 'fzstd';

export const unpacked = decompress;
