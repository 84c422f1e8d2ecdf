/**
 * Layers of a large graph, folded: a layer that is far taller than the picture becomes several columns of it.
 *
 * Pure. The order of layers, and of boxes within a layer, stays as it was laid out.
 */

export interface Placed {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

export interface Spacing {
  readonly width: number;
  readonly between: number;
  /** Between columns of one layer, and between layers. */
  readonly columns: number;
  readonly layers: number;
}

/** The places of all boxes, so that the whole is about as wide for its height as wanted. */
export function folded(
  placed: readonly Placed[],
  spacing: Spacing,
  ratio: number,
): Map<string, { x: number; y: number }> {
  const layers = layersOf(placed);
  const tallest = Math.max(1, ...layers.map((one) => one.length));
  let best: { off: number; places: Map<string, { x: number; y: number }> } | null = null;
  for (let rows = 1; rows <= tallest; rows = Math.max(rows + 1, Math.floor(rows * 1.08))) {
    const found = inRows(layers, rows, spacing);
    const off = Math.abs(Math.log(found.width / found.height / ratio));
    if (best === null || off < best.off) best = { off, places: found.places };
  }
  return best?.places ?? new Map<string, { x: number; y: number }>();
}

function layersOf(placed: readonly Placed[]): readonly (readonly Placed[])[] {
  const groups = Map.groupBy(placed, (one) => Math.round(one.x));
  return [...groups]
    .sort(([left], [right]) => left - right)
    .map(([, layer]) => [...layer].sort((one, other) => one.y - other.y));
}

function inRows(
  layers: readonly (readonly Placed[])[],
  rows: number,
  spacing: Spacing,
): { places: Map<string, { x: number; y: number }>; width: number; height: number } {
  const columns = layers.flatMap((layer) => columnsOf(layer, rows));
  const tall = (column: readonly Placed[]): number =>
    column.reduce((sum, box) => sum + box.height + spacing.between, -spacing.between);
  const height = Math.max(0, ...columns.map(({ boxes }) => tall(boxes)));
  const places = new Map<string, { x: number; y: number }>();
  let x = 0;
  for (const { boxes, isLast } of columns) {
    let y = (height - tall(boxes)) / 2;
    for (const box of boxes) {
      places.set(box.id, { x, y });
      y += box.height + spacing.between;
    }
    x += spacing.width + (isLast ? spacing.layers : spacing.columns);
  }
  return { places, width: x - spacing.layers, height };
}

/** One layer as columns of about the same height. */
function columnsOf(layer: readonly Placed[], rows: number): { boxes: readonly Placed[]; isLast: boolean }[] {
  const count = Math.ceil(layer.length / rows);
  const inEach = Math.ceil(layer.length / count);
  return Array.from({ length: count }, (_, column) => ({
    boxes: layer.slice(column * inEach, (column + 1) * inEach),
    isLast: column === count - 1,
  }));
}
