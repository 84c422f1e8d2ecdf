/** Numbers and times as people read them, of a steady width. */

export function rate(perSecond: number): string {
  if (perSecond >= 10_000) return `${(perSecond / 1000).toFixed(0)}k/s`;
  if (perSecond >= 1000) return `${(perSecond / 1000).toFixed(1)}k/s`;
  if (perSecond >= 10 || perSecond === 0) return `${perSecond.toFixed(0)}/s`;
  return `${perSecond.toFixed(1)}/s`;
}

/** A share of one, never rounded up to a whole that it is not. */
export function percent(share: number): string {
  const hundred = share * 100;
  if (hundred === 100 || hundred === 0) return `${hundred.toFixed(0)} %`;
  if (hundred > 99.9) return "99.9 %";
  return `${hundred.toFixed(hundred < 10 || hundred > 90 ? 1 : 0)} %`;
}

export function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(0)} s`;
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 10) return `${value.toFixed(0)} ms`;
  return `${value.toFixed(1)} ms`;
}

const STEPS: readonly (readonly [number, string])[] = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

/** How long ago, or until when: `3 min`. */
export function span(seconds: number): string {
  const whole = Math.abs(seconds);
  for (const [size, unit] of STEPS) {
    if (whole >= size) return `${Math.floor(whole / size).toString()} ${unit}`;
  }
  return "0 s";
}

export function ago(iso: string | null | undefined, now: number): string {
  if (iso === null || iso === undefined) return "never";
  const seconds = (now - Date.parse(iso)) / 1000;
  return seconds < 1 ? "just now" : `${span(seconds)} ago`;
}

/** A moment in the person's own time, to the second. */
export function moment(iso: string | number): string {
  return new Date(iso).toLocaleString(undefined, {
    year: "numeric",
    month: "short",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
  });
}

/** Whom an ARN of IAM names: `user/ann`, or `root`. */
export function principal(arn: string): string {
  return (
    arn
      .split(":")
      .at(-1)
      ?.replace(/^user\//, "") ?? arn
  );
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toString()} ${count === 1 ? one : many}`;
}
