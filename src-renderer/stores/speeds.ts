import type { Speed } from '#contract/model.ts';

export const SPEED_LABELS: Readonly<Record<Speed, string>> = { '1x': '1×', '10x': '10×', max: 'Max' };

export const SPEED_OPTIONS: readonly { value: Speed; label: string; title: string; testid: string }[] = [
  { value: '1x', label: SPEED_LABELS['1x'], title: 'As fast as the wall clock (1)', testid: 'speed-1x' },
  { value: '10x', label: SPEED_LABELS['10x'], title: 'Ten host seconds a second (2)', testid: 'speed-10x' },
  { value: 'max', label: SPEED_LABELS.max, title: 'As fast as this machine can (3)', testid: 'speed-max' },
];
