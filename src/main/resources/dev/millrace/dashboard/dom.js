// Elements from data. Text is only ever set as text: nothing a run is called can become markup.

/** An element with properties, listeners (onClick) and children; strings become text. */
export function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (name.startsWith('on')) {
      node.addEventListener(name.slice(2).toLowerCase(), value);
    } else if (name === 'class') {
      node.className = value;
    } else if (name === 'value' || name === 'checked') {
      node[name] = value;
    } else {
      node.setAttribute(name, value === true ? '' : String(value));
    }
  }
  append(node, children);
  return node;
}

export function append(node, children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) {
      node.append(child);
    }
  }
}

/** Sets text only if it is another one, so that nothing is drawn or read aloud anew. */
export function text(node, value) {
  if (node.textContent !== value) {
    node.textContent = value;
  }
}

export function byId(id) {
  return document.getElementById(id);
}

/** Brings the children of a node into an order, moving only those that are out of place. */
export function arrange(parent, children) {
  children.forEach((child, place) => {
    if (parent.childNodes[place] !== child) {
      parent.insertBefore(child, parent.childNodes[place] ?? null);
    }
  });
  while (parent.childNodes.length > children.length) {
    parent.lastChild.remove();
  }
}

/** A hint where there is nothing to show. */
export function empty(title, hint) {
  return el('div', {class: 'empty'}, el('h2', null, title), el('p', null, hint));
}

export function speak(words) {
  text(byId('spoken'), words);
}
