import Bytes

/// The model that a query names, for example `model=gpt-oss%3A120b`.
package struct QueryModel: Equatable, Sendable {
    /// The model, decoded.
    package let model: String
    /// The range of its value in the query.
    private let range: Range<Int>

    /// Finds the model in `query`, the part after the `?`. Returns nil if it names none.
    ///
    /// - Throws: 400 if two servers could read different ones: it appears twice (`duplicate_member`), its name has escapes or
    ///   capitals (`invalid_value`), or its value is malformed (`invalid_model`).
    package static func find(in query: Span<UInt8>) throws(APIError) -> QueryModel? {
        var found: Range<Int>?
        var start = 0
        while start <= query.count {
            var end = start
            while end < query.count, query[end] != UInt8(ascii: "&"), query[end] != ASCII.semicolon { end += 1 }
            var equals = start
            while equals < end, query[equals] != ASCII.equals { equals += 1 }
            let name = query.extracting(start..<equals)
            if PercentCoding.strictlyDecoded(name)?.lowercased() == "model" {
                guard found == nil else { throw .duplicateMember("model") }
                guard name.equals("model") else {
                    throw .invalidValue("model", "written in lower case, without escapes")
                }
                found = min(equals + 1, end)..<end
            }
            start = end + 1
        }
        guard let found else { return nil }
        guard let model = PercentCoding.strictlyDecoded(query.extracting(found)), ModelName.isValid(model),
            !model.utf8.contains(ASCII.plus)
        else { throw .invalidModel }
        return QueryModel(model: model, range: found)
    }

    private init(model: String, range: Range<Int>) {
        self.model = model
        self.range = range
    }

    /// Appends `query`, in which this was found, with `model` in its place.
    package func replace(in query: Span<UInt8>, with model: String, to output: inout [UInt8]) {
        output.append(0..<range.lowerBound, of: query)
        PercentCoding.append(model, plain: .identifier, to: &output)
        output.append(range.upperBound..<query.count, of: query)
    }
}
