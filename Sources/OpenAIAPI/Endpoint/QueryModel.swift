import Bytes

/// The model that a query names, as `model=gpt-oss%3A120b` does.
package struct QueryModel: Equatable, Sendable {
    /// The model, without its escapes.
    package let model: String
    /// Where its value stands in the query.
    private let range: Range<Int>

    /// Finds it in `query`, the part behind the `?`; nil where there is none, or where two servers could read different ones: it
    /// stands twice, its name is spelled with escapes, or its value is malformed.
    package init?(inQuery query: Span<UInt8>) {
        var found: Range<Int>?
        var start = 0
        while start <= query.count {
            var end = start
            while end < query.count, query[end] != UInt8(ascii: "&"), query[end] != UInt8(ascii: ";") { end += 1 }
            var equals = start
            while equals < end, query[equals] != UInt8(ascii: "=") { equals += 1 }
            let name = query.extracting(start..<equals)
            if PercentCoding.strictlyDecoded(name)?.lowercased() == "model" {
                guard found == nil, name.equals("model"), equals < end else { return nil }
                found = equals + 1..<end
            }
            start = end + 1
        }
        guard let found, let model = PercentCoding.strictlyDecoded(query.extracting(found)), !model.isEmpty,
            !model.contains("+")
        else { return nil }
        self.model = model
        range = found
    }

    /// Appends `query`, in which this was found, with `model` in its place.
    package func replace(in query: Span<UInt8>, with model: String, to output: inout [UInt8]) {
        query.extracting(0..<range.lowerBound).withUnsafeBufferPointer { output.append(contentsOf: $0) }
        PercentCoding.append(model, plain: .identifier, to: &output)
        query.extracting(range.upperBound..<query.count).withUnsafeBufferPointer { output.append(contentsOf: $0) }
    }
}
