import Bytes

/// The query of `GET /v1/models` in Anthropic's API: a page of the list.
package struct AnthropicModelPage: Equatable, Sendable {
    private enum Place: Equatable {
        case start
        case after(String)
        case before(String)
    }

    private let limit: Int
    private let place: Place

    /// Reads `query`, the part after the `?`. The first of two parts with the same name counts.
    ///
    /// - Throws: 400 `invalid_value` for a `limit` that is not from 1 to 1000, and for both `after_id` and `before_id`.
    package init(_ query: Span<UInt8>) throws(APIError) {
        var values: [String: String] = [:]
        QueryParts.forEach(in: query) { name, value, _ in
            if let name, let value, values[name] == nil { values[name] = value }
        }
        guard let limit = values["limit"].map({ Int($0) }) ?? 20, 1...1000 ~= limit else {
            throw .invalidValue("limit", "an integer from 1 to 1000")
        }
        self.limit = limit
        switch (values["after_id"], values["before_id"]) {
        case (nil, nil): place = .start
        case (let id?, nil): place = .after(id)
        case (nil, let id?): place = .before(id)
        case (_?, _?): throw .invalidValue("before_id", "left out where 'after_id' is sent")
        }
    }

    /// The page of `list` in Anthropic's form.
    ///
    /// - Parameter timeText: Writes a moment in Unix seconds as RFC 3339 says.
    /// - Throws: 400 `invalid_value` for an `after_id` or `before_id` that is not in the list.
    package func document(of list: ModelList, timeText: (Int64) -> String) throws(APIError) -> [UInt8] {
        let (range, hasMore) = try range(in: list.models)
        var output = ResourceListWriter(opening: #"{"data":["#)
        for model in list.models[range] {
            let name = model.isAlias ? model.id : nil
            guard
                let entry = AnthropicModel(list.body.span.extracting(model.range), named: name, timeText: timeText)
            else { continue }
            output.add(entry.document[...], id: model.id)
        }
        return output.finish(hasMore: hasMore)
    }

    private func range(in models: [ModelList.Model]) throws(APIError) -> (Range<Int>, hasMore: Bool) {
        func index(of id: String, _ parameter: String) throws(APIError) -> Int {
            guard let index = models.firstIndex(where: { $0.id == id }) else {
                throw .invalidValue(parameter, "the id of a model in the list")
            }
            return index
        }
        if case .before(let id) = place {
            let end = try index(of: id, "before_id")
            let start = max(0, end - limit)
            return (start..<end, start > 0)
        }
        var start = 0
        if case .after(let id) = place { start = try index(of: id, "after_id") + 1 }
        let end = min(models.count, start + limit)
        return (start..<end, end < models.count)
    }
}
