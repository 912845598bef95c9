import { ref } from 'vue';
import { treaty } from '../src-preload/contract/treaty.ts';

export const page = ref(treaty);
