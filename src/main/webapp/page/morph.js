// Changes what is on the page into what should be: what stays the same keeps its focus and selection.

/** Gives `element` these children. */
export function fill(element, ...children) {
  const fresh = element.cloneNode(false);
  fresh.append(...children);
  morphChildren(element, fresh);
}

function morphChildren(old, fresh) {
  const wanted = [...fresh.childNodes];
  const there = [...old.childNodes];
  wanted.forEach((child, i) => (i < there.length ? morph(there[i], child) : old.append(child)));
  there.slice(wanted.length).forEach((child) => child.remove());
}

function morph(old, fresh) {
  if (old.isEqualNode(fresh)) {
    return;
  }
  if (old.nodeName !== fresh.nodeName || old.nodeType !== Node.ELEMENT_NODE) {
    old.replaceWith(fresh);
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) {
      old.removeAttribute(name);
    }
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }
  morphChildren(old, fresh);
}
