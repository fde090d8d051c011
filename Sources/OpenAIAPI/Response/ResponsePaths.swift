import Scanners

/// The JSON paths that are captured in a response, or in the events of a streamed one.
///
/// Made once for each endpoint and form; scanners only refer to it.
final class ResponsePaths: Sendable {
    /// The form of a response, which decides about the place of its text.
    enum Form: Sendable {
        /// Text in the `message` of each choice.
        case document
        /// Text in the `delta` of each choice.
        case event
    }

    // Indices into `set`. All sets begin with these.
    static let id = 0
    static let backend = 1
    static let model = 2
    static let error = 3
    static let usage = 4
    static let choices = 5

    let set: JSONPathSet
    /// The document's `id` is that of the response.
    let hasOwnID: Bool
    private let usages: UsagePaths
    private let texts: Range<Int>
    private let reasonings: Range<Int>
    private let images: Int?

    init(_ layout: ResponseLayout, _ form: Form) {
        // Names are read as they pass, and the head has left with them before a second one could come.
        let head = form == .event ? layout.eventHead : ""
        var paths = [head + "id", "backend", head + "model"].map { JSONPath($0, duplicates: .first) }
        paths += ["error", "usage", "choices"].map { JSONPath($0) }
        usages = UsagePaths(layout.usage, to: &paths)
        func add(_ names: [String], _ capture: JSONPath.Capture) -> Range<Int> {
            let start = paths.count
            paths += names.map { JSONPath($0, capture) }
            return start..<paths.count
        }
        let message = form == .document ? "choices[].message." : "choices[].delta."
        texts = add(layout.messageTexts.map { message + $0 } + layout.texts, .textLength)
        reasonings = add(layout.messageReasonings.map { message + $0 }, .textLength)
        images = layout.images.map { add([$0], .count).lowerBound }
        set = JSONPathSet(paths)
        hasOwnID = layout.hasOwnID
    }

    private static let documents = EndpointTraits.table.map { ResponsePaths($0.response, .document) }
    private static let events = EndpointTraits.table.map { ResponsePaths($0.response, .event) }

    /// The paths of the responses of `endpoint`.
    static func of(_ endpoint: Endpoint, _ form: Form) -> ResponsePaths {
        switch form {
        case .document: documents[endpoint.ordinal]
        case .event: events[endpoint.ordinal]
        }
    }

    /// The usage that the document states; nil if it states none.
    func usage(in scanner: borrowing JSONScanner) -> UpstreamUsage? { usages.usage(in: scanner) }

    /// Returns true if the document has a `usage` with members.
    func hasUsage(_ scanner: borrowing JSONScanner) -> Bool {
        scanner.kind(Self.usage) == .object && scanner.found(Self.usage)?.contentIsEmpty == false
    }

    /// The length of the text in the document.
    func textLength(in scanner: borrowing JSONScanner) -> (scalars: Int, utf8Bytes: Int) {
        var sum = (scalars: 0, utf8Bytes: 0)
        for index in texts {
            let length = scanner.textLength(index)
            sum.scalars += length.scalars
            sum.utf8Bytes += length.utf8Bytes
        }
        var longest = (scalars: 0, utf8Bytes: 0)
        for index in reasonings {
            let length = scanner.textLength(index)
            if length.utf8Bytes > longest.utf8Bytes { longest = length }
        }
        return (sum.scalars + longest.scalars, sum.utf8Bytes + longest.utf8Bytes)
    }

    /// The range of the document's text without its quotes, if it is a single string without escapes; otherwise nil.
    func onlyText(in scanner: borrowing JSONScanner) -> Range<Int>? {
        var only: Int?
        for index in texts.lowerBound..<reasonings.upperBound where scanner.textLength(index).utf8Bytes > 0 {
            guard only == nil else { return nil }
            only = index
        }
        guard let only, let value = scanner.found(only), value.kind == .string else { return nil }
        // A longer range has escapes; a shorter one is the last of several strings.
        guard value.range.count - 2 == value.utf8Bytes else { return nil }
        return value.range.lowerBound + 1..<value.range.upperBound - 1
    }

    /// The number of images in the document.
    func images(in scanner: borrowing JSONScanner) -> Int64 {
        images.flatMap { scanner.found($0) }.map { Int64($0.elements) } ?? 0
    }

    /// Returns true if the document has an `error` that SDKs raise: any value but null, false, 0 and "".
    func isError(_ scanner: borrowing JSONScanner) -> Bool {
        switch scanner.kind(Self.error) {
        case nil, .null, .false: false
        case .number: scanner.integer(Self.error) != 0
        case .string: scanner.found(Self.error)?.text != ""
        default: true
        }
    }
}
