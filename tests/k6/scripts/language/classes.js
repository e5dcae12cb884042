// api: language.classes
// expect: checks 5
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

class Shape {
  static made = 0;
  #secret = 7;
  sides = 0;

  constructor() {
    Shape.made += 1;
  }

  static of(sides) {
    return Object.assign(new this(), { sides });
  }

  get secret() {
    return this.#secret;
  }

  set secret(value) {
    this.#secret = value;
  }

  #hidden() {
    return this.#secret * 2;
  }

  twice() {
    return this.#hidden();
  }

  has(other) {
    return #secret in other;
  }

  static {
    Shape.ready = true;
  }
}

class Square extends Shape {
  sides = 4;

  twice() {
    return super.twice() + 1;
  }

  get [Symbol.toStringTag]() {
    return 'Square';
  }
}

export default function () {
  const square = new Square();
  equal('inherited', [square.sides, square.twice(), square instanceof Shape], [4, 15, true]);
  square.secret = 1;
  equal('setter', square.secret, 1);
  equal('static', [Shape.of(3).sides, Shape.made, Shape.ready], [3, 2, true]);
  equal('private', [square.has(square), square.has({})], [true, false]);
  equal('tag', String(square), '[object Square]');
}
