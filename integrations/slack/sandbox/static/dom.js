// Makes elements. Text becomes text nodes and attributes are set by name, so that nothing from
// outside is ever parsed as markup.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null)
      element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function webLink(address) {
  try {
    const { protocol, href } = new URL(address);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}

export function link(address, ...words) {
  const href = webLink(address);
  return href
    ? make("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...words)
    : make("span", {}, ...words);
}
