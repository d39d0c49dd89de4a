import type { ComponentChildren } from 'preact';
import { navigate, path } from '../state/router';

interface Props {
  to: string;
  class?: string;
  children: ComponentChildren;
}

/** A link to a page of ours; with a modifier key, or the middle button, the browser does what it always does. */
export function Link({ to, children, ...rest }: Props) {
  const onClick = (event: MouseEvent) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} onClick={onClick} aria-current={path.value === to ? 'page' : undefined} {...rest}>
      {children}
    </a>
  );
}
