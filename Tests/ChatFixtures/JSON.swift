import Foundation

/// A JSON value as Foundation reads it: a second opinion on what is valid, and what it means.
package struct JSON: Equatable, Sendable, CustomStringConvertible {
    private nonisolated(unsafe) let value: NSObject

    private init(_ value: NSObject) { self.value = value }

    /// Nil if `bytes` are not JSON.
    package init?(_ bytes: some Collection<UInt8>) {
        let value = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) as? NSObject
        guard let value else { return nil }
        self.value = value
    }

    /// Nil if `text` is not JSON.
    package init?(_ text: String) { self.init(text.utf8) }

    /// The member `name`; nil where it is absent.
    package subscript(name: String) -> JSON? { ((value as? [String: Any])?[name] as? NSObject).map(JSON.init) }

    /// The element at `index`; nil where it is absent.
    package subscript(index: Int) -> JSON? {
        guard let array = value as? [Any], array.indices.contains(index) else { return nil }
        return (array[index] as? NSObject).map(JSON.init)
    }

    package var string: String? { value as? String }
    package var integer: Int? { (value as? NSNumber)?.intValue }
    package var isNull: Bool { value is NSNull }

    /// The elements of an array; none for other values.
    package var elements: [JSON] { (value as? [Any])?.compactMap { ($0 as? NSObject).map(JSON.init) } ?? [] }

    /// The names of an object's members, sorted.
    package var names: [String] { (value as? [String: Any])?.keys.sorted() ?? [] }

    package var description: String {
        let options: JSONSerialization.WritingOptions = [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes]
        let data = try? JSONSerialization.data(withJSONObject: value, options: options)
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
    }
}
