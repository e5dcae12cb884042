export * from './shop.js';
export { default as twice } from '../lib/shop.js';
