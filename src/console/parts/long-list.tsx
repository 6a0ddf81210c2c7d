import type { ComponentChildren, ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface LongListProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly children: (item: T, index: number) => ComponentChildren;
  /** Pixels that an item takes about, until it is measured. */
  readonly height: number;
  /** The element around each piece. */
  readonly as?: 'ul' | 'ol' | 'div' | 'tbody';
  readonly class?: string;
}

const PIECE = 25;

/** Pixels above and below the window within which pieces are drawn. */
const MARGIN = 1200;

/** Items in pieces of 25, of which those near the window are drawn; the others keep their height as empty space. */
export function LongList<T>({ items, as = 'ul', class: name, height, keyOf, children }: LongListProps<T>) {
  const pieces = Array.from({ length: Math.ceil(items.length / PIECE) }, (_, i) => i);
  return (
    <>
      {pieces.map((piece) => {
        const own = items.slice(piece * PIECE, (piece + 1) * PIECE);
        return (
          <Piece key={piece} as={as} name={name} shown={piece === 0} height={own.length * height}>
            {() => own.map((item, i) => <Item key={keyOf(item)} draw={() => children(item, piece * PIECE + i)} />)}
          </Piece>
        );
      })}
    </>
  );
}

const Item: ComponentType<{ draw: () => ComponentChildren }> = ({ draw }) => <>{draw()}</>;

interface PieceProps {
  readonly as: 'ul' | 'ol' | 'div' | 'tbody';
  readonly name: string | undefined;
  readonly shown: boolean;
  readonly height: number;
  readonly children: () => ComponentChildren;
}

function Piece({ as: Tag, name, shown, height, children }: PieceProps) {
  const element = useRef<HTMLElement>(null);
  const measured = useRef(height);
  const [near, setNear] = useState(shown);
  useEffect(() => {
    const observed = element.current;
    if (observed === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry.isIntersecting && observed.childElementCount > 1) measured.current = entry.boundingClientRect.height;
        // What has the focus stays.
        setNear(entry.isIntersecting || observed.contains(document.activeElement));
      },
      { rootMargin: `${MARGIN}px 0px` },
    );
    observer.observe(observed);
    return () => observer.disconnect();
  }, []);
  const space = { height: `${measured.current}px` };
  return (
    <Tag ref={element as never} class={name}>
      {near ? children() : <Space as={Tag} style={space} />}
    </Tag>
  );
}

function Space({ as, style }: { as: PieceProps['as']; style: { height: string } }) {
  if (as === 'tbody')
    return (
      <tr aria-hidden="true">
        <td style={style} />
      </tr>
    );
  return as === 'div' ? <div style={style} /> : <li aria-hidden="true" style={style} />;
}
