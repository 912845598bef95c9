import { createGlobalState } from '@vueuse/core';
import { ref, watch, type Ref } from 'vue';

/** The dialogs of the frame. `…Wanted` becomes true at the first opening: only then is the dialog's code loaded. */
export const useDialogs = createGlobalState(() => {
  const palette = ref(false);
  const sheet = ref(false);
  const wanted = (open: Ref<boolean>): Ref<boolean> => {
    const ever = ref(open.value);
    watch(open, (now) => {
      if (now) ever.value = true;
    });
    return ever;
  };
  return { palette, sheet, paletteWanted: wanted(palette), sheetWanted: wanted(sheet) };
});
