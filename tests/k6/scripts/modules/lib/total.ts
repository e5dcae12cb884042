export interface Item {
  price: number;
}

export const total = (items: Item[]): number | undefined => items.reduce((sum: number, item) => sum + item.price, 0);
