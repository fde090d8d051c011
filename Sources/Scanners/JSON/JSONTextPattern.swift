import Bytes

/// A scanned document that serves as a pattern for others, which differ from it in the text of one string only.
///
/// The matches of the pattern hold for them too, except for that text. The events of a streamed response are such documents.
/// Comparing bytes costs a small part of scanning them.
package struct JSONTextPattern: Sendable {
    private var document: [UInt8] = []
    private var text = 0..<0

    /// The text of a document that has the pattern.
    package struct Text: Equatable, Sendable {
        /// Its bytes in the document, without the quotes.
        package let range: Range<Int>
        /// The number of its Unicode scalars.
        package let scalars: Int
        /// The number of its bytes.
        package var utf8Bytes: Int { range.count }
    }

    /// A pattern that no document has.
    package init() {}

    /// Makes `document` the pattern, unless its text has escapes.
    ///
    /// - Parameters:
    ///   - document: a complete, valid document.
    ///   - text: the bytes of the text that can differ, without the quotes.
    /// - Returns: false if the text has escapes. The pattern before stays then.
    package mutating func remember(_ document: Span<UInt8>, text: Range<Int>) -> Bool {
        guard document.extracting(text).scalarsOfPlainText() != nil else { return false }
        self.document.removeAll(keepingCapacity: true)
        self.document.append(0..<document.count, of: document)
        self.text = text
        return true
    }

    /// The text of `other`, if it has the pattern. Nil if other bytes differ, or if the text has an escape or is not valid: scan the
    /// document then.
    package func text(in other: Span<UInt8>) -> Text? {
        let end = other.count - (document.count - text.upperBound)
        guard !document.isEmpty, end >= text.lowerBound else { return nil }
        let own = document.span
        guard own.extracting(0..<text.lowerBound).hasSameBytes(as: other.extracting(0..<text.lowerBound)),
            own.extracting(text.upperBound..<own.count).hasSameBytes(as: other.extracting(end..<other.count))
        else { return nil }
        let range = text.lowerBound..<end
        guard let scalars = other.extracting(range).scalarsOfPlainText() else { return nil }
        return Text(range: range, scalars: scalars)
    }

    /// The position in a document with the text `other` of a `range` of the pattern that is outside its text.
    package func position(of range: Range<Int>, beside other: Text) -> Range<Int> {
        guard range.lowerBound >= text.upperBound else { return range }
        let shift = other.range.upperBound - text.upperBound
        return range.lowerBound + shift..<range.upperBound + shift
    }
}

extension Span<UInt8> {
    /// The number of Unicode scalars; nil if a JSON string cannot hold the bytes without an escape.
    fileprivate func scalarsOfPlainText() -> Int? {
        var index = 0
        var continuations = 0
        while true {
            index = endOfPlainText(from: index)
            if index == count { return count - continuations }
            guard self[index] >= 0x80 else { return nil }
            let length = lengthOfCharacter(at: index)
            guard length > 0 else { return nil }
            index += length
            continuations += length - 1
        }
    }
}
