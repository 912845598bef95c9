import { build } from './fresh-build.ts';
import { runScript } from './say.ts';

/** `npm run build`: builds the app into `out/`. */
runScript(async () => {
  await build();
  return 0;
});
