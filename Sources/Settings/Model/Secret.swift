/// A text that no description, dump or mirror shows.
package struct Secret: Hashable, Sendable {
    private let text: String

    /// The secret `text`.
    package init(_ text: String) { self.text = text }

    /// The text itself.
    package func reveal() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text shown instead of every secret.
    package static let mask = "•••"

    package var description: String { Self.mask }
    package var debugDescription: String { Self.mask }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
