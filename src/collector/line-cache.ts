import { ByteInterner, grown } from './byte-interner.ts';

/** What a text means, where it is not the slot of a series (0 and up). */
export const DROPPED = -1;
export const FORGOTTEN = -2;
/** Comments, from here down. A TYPE line says how the labels of the lines behind it are to be read. */
export const COMMENT = -3;
export const TYPE_HISTOGRAM = -4;
export const TYPE_SUMMARY = -5;
export const TYPE_OTHER = -6;

/** Texts that may lie unused beside those of the last page before all is built anew. */
const SPARE_TEXTS = 1000;

/**
 * The lines of a target's pages, by number.
 *
 *     keys      numbers every line text met: the series without its value, a comment whole
 *     meaning   by number: the slot of a series, or one of the words above
 *     order     the numbers as the last page had them, `length` of them
 *
 * The fields are for the loop that reads pages; they may be other arrays after each call.
 */
export class LineCache {
  keys = new ByteInterner();
  meaning: Int32Array = new Int32Array(64);
  order: Int32Array = new Int32Array(64);
  length = 0;
  #spareOrder: Int32Array = new Int32Array(64);
  /** Place in `order` by number; made when a line strays. */
  #places: Int32Array | undefined;

  /** The number of the text `page[from, to)`, -1 where it is new. */
  numberOf(page: Buffer, from: number, to: number): number {
    return this.keys.find(page, from, to);
  }

  /** Gives the text a meaning and answers its number. */
  learn(page: Buffer, from: number, to: number, meaning: number): number {
    const number = this.keys.add(page, from, to);
    this.#mean(number, meaning);
    return number;
  }

  /** Place in the order of the last page, -1 where the line was not on it. */
  placeOf(number: number): number {
    this.#places ??= this.#findPlaces();
    return number < this.#places.length ? this.#places[number] : -1;
  }

  /** An array for the order of the next page, at least as long as the last one. */
  spareOrder(): Int32Array {
    if (this.#spareOrder.length <= this.length) this.#spareOrder = new Int32Array(this.length + 64);
    return this.#spareOrder;
  }

  takeOrder(order: Int32Array, length: number): void {
    this.#spareOrder = this.order;
    this.order = order;
    this.length = length;
    this.#places = undefined;
  }

  /** After slots moved: `moved` is old slot → new slot, -1 = gone. */
  follow(moved: Int32Array): void {
    for (let number = 0; number < this.keys.count; number++) {
      const slot = this.meaning[number];
      if (slot >= 0) this.meaning[number] = moved[slot] < 0 ? FORGOTTEN : moved[slot];
    }
  }

  /** Lets go of the texts that are not on the last page, once they outweigh those that are. */
  tidy(): void {
    if (this.keys.count <= 2 * this.length + SPARE_TEXTS) return;
    const { keys: old, meaning } = this;
    this.keys = new ByteInterner(this.length);
    this.meaning = new Int32Array(this.length + 64);

    this.#places = undefined;
    for (let i = 0; i < this.length; i++) {
      const number = this.order[i];
      const start = old.starts[number];
      this.order[i] = this.learn(old.bytes, start, start + old.lengths[number], meaning[number]);
    }
  }

  #mean(number: number, meaning: number): void {
    if (number >= this.meaning.length) this.meaning = grown(this.meaning, new Int32Array(number * 2));
    this.meaning[number] = meaning;
  }

  #findPlaces(): Int32Array {
    const places = new Int32Array(this.keys.count).fill(-1);
    for (let i = 0; i < this.length; i++) places[this.order[i]] = i;
    return places;
  }
}
