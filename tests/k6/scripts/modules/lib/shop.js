export const name = 'Corner';
export let count = 0;

const price = 3;
export { price };

export function increase() {
  count += 1;
}

export class Shop {
  constructor(name) {
    this.name = name;
  }

  title() {
    return `shop ${this.name}`;
  }
}

export default (n) => n * 2;
