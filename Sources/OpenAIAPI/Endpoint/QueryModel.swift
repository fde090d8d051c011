import Bytes

/// The model that a query names, for example `model=gpt-oss%3A120b`.
package struct QueryModel: Equatable, Sendable {
    /// The model, decoded.
    package let model: String
    /// The range of its value in the query.
    private let range: Range<Int>

    /// Finds the model in `query`, the part after the `?`.
    ///
    /// Returns nil without a model, and if two servers could read different ones: it appears twice, its name has
    /// escapes or capitals, or its value is malformed.
    package init?(inQuery query: Span<UInt8>) {
        var found: Range<Int>?
        var start = 0
        while start <= query.count {
            var end = start
            while end < query.count, query[end] != UInt8(ascii: "&"), query[end] != ASCII.semicolon { end += 1 }
            var equals = start
            while equals < end, query[equals] != ASCII.equals { equals += 1 }
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
        output.append(0..<range.lowerBound, of: query)
        PercentCoding.append(model, plain: .identifier, to: &output)
        output.append(range.upperBound..<query.count, of: query)
    }
}
