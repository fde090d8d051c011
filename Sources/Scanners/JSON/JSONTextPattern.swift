import Bytes

/// A document that was scanned and is remembered, for others that have the same bytes all around the text of one string: what
/// the scanner found in it holds for them, but for that text. The events of a streamed answer are such documents, and comparing
/// bytes costs a small part of scanning them.
package struct JSONTextPattern: Sendable {
    private var document: [UInt8] = []
    private var text = 0..<0

    /// The text of a document that fits the pattern.
    package struct Text: Equatable, Sendable {
        /// Where it stands, without the quotes.
        package let range: Range<Int>
        /// Its Unicode scalars.
        package let scalars: Int
        /// Its bytes of UTF-8.
        package var utf8Bytes: Int { range.count }
    }

    /// A pattern that nothing fits.
    package init() {}

    /// Remembers `document` in place of the one before, unless its text has escapes.
    ///
    /// - Parameters:
    ///   - document: a whole and valid document.
    ///   - text: where the text stands that may be another one, without its quotes.
    /// - Returns: whether it is remembered.
    package mutating func remember(_ document: Span<UInt8>, text: Range<Int>) -> Bool {
        guard document.extracting(text).scalarsOfPlainText() != nil else { return false }
        self.document.removeAll(keepingCapacity: true)
        self.document.append(0..<document.count, of: document)
        self.text = text
        return true
    }

    /// The text in `other`, where all else in it is as in the document that was remembered; nil where it is not, and where the
    /// text has an escape or is not valid: then it takes the scanner.
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

    /// Where `range`, which lies in the remembered document and not in its text, lies in one whose text is `other`.
    package func position(of range: Range<Int>, beside other: Text) -> Range<Int> {
        guard range.lowerBound >= text.upperBound else { return range }
        let shift = other.range.upperBound - text.upperBound
        return range.lowerBound + shift..<range.upperBound + shift
    }
}

extension Span<UInt8> {
    /// The Unicode scalars of bytes that may stand in a JSON string without an escape; nil where others are among them.
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
