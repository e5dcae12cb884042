globalThis.effect = 'done';
