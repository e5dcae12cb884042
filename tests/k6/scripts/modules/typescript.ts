// api: modules.TypeScript
// expect: checks 4
import http, { type Response } from 'k6/http';
import { type Options } from 'k6/options';
import { total, type Item } from './lib/total.ts';
import { equal } from '../../lib/equal.js';

export const options: Options = { thresholds: { checks: ['rate==1'] } };

enum Size {
  Small = 1,
  Large = 'L',
}

interface Named {
  readonly name: string;
  size?: Size;
}

class Basket<T extends Item> implements Named {
  private items: T[] = [];

  constructor(public readonly name: string) {}

  add(item: T): this {
    this.items.push(item);
    return this;
  }

  get sum(): number {
    return total(this.items)!;
  }
}

declare const nothing: unknown;

export default function (): void {
  const basket = new Basket<Item>('b').add({ price: 2 }).add({ price: 3.5 } as Item);
  equal('types are no more', basket.sum, 5.5);
  equal('a parameter that is a property', basket.name, 'b');
  equal('enum', [Size.Small, Size.Large, Size[1]], [1, 'L', 'Small']);
  const res: Response = http.get(`${__ENV.BASE_URL}/json`);
  equal('satisfies', { a: res.json('numbers.0') as number } satisfies Record<string, number>, { a: 10 });
}
