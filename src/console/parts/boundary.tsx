import { Component, type ComponentChildren } from 'preact';

interface BoundaryProps {
  /** What the part is, for the message. */
  readonly name: string;
  /** When it changes, the part is rendered again. */
  readonly reset?: unknown;
  readonly children: ComponentChildren;
}

/** Keeps a fault in one part of a page from emptying the rest. */
export class Boundary extends Component<BoundaryProps, { readonly fault: string }> {
  override state = { fault: '' };

  override componentDidCatch(error: unknown): void {
    console.warn(error);
    this.setState({ fault: error instanceof Error ? error.message : String(error) });
  }

  override componentDidUpdate(before: BoundaryProps): void {
    if (before.reset !== this.props.reset && this.state.fault !== '') this.setState({ fault: '' });
  }

  override render() {
    if (this.state.fault === '') return this.props.children;
    return (
      <p class="failure" role="alert">
        {this.props.name} cannot be shown: {this.state.fault.slice(0, 300)}
      </p>
    );
  }
}
