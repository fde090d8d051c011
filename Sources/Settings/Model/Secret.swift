/// A text that must not be seen: no description, dump or mirror shows it.
package struct Secret: Hashable, Sendable {
    private let text: String

    /// The secret `text`.
    package init(_ text: String) { self.text = text }

    /// The text itself, for the one place that needs it.
    package func reveal() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What stands for every secret.
    package static let mask = "•••"

    package var description: String { Self.mask }
    package var debugDescription: String { Self.mask }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
