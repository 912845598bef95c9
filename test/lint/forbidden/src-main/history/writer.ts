import { treaty } from '../../src-preload/contract/treaty.ts';
import { page } from '../host/page.ts';

export const writer = [treaty, page];
