import Bytes
import Fuzzing
import OpenAIAPI

/// Targets of requests: `path?query`. What is read is read the same after it was written anew.
extension FuzzTarget {
    static let queries = FuzzTarget("queries") { data, count in
        examine(data, count) { input in
            let end = input.firstIndex(of: UInt8(ascii: "?")) ?? input.count
            checkRoute(input.extracting(0..<end))
            guard end < input.count else { return }
            let query = input.extracting(end + 1..<input.count)
            checkModel(query)
            checkList(query)
            checkCoding(query)
        }
    }
}

private func checkRoute(_ path: Span<UInt8>) {
    let method: [UInt8] = Array("GET".utf8)
    guard case .endpoint(_, let upstreamPath) = route(method: method.span, path: path) else { return }
    var written: [UInt8] = []
    upstreamPath.append(to: &written, asWritten: path)
    require(written.starts(with: "/v1/".utf8) || written.starts(with: "/v2/".utf8), "a path stays below /v1/ or /v2/")
    let segments = PercentCoding.decoded(written.span).split(separator: ASCII.slash)
    for segment in segments {
        let name = segment.prefix { $0 != ASCII.semicolon }
        require(!name.elementsEqual(".".utf8) && !name.elementsEqual("..".utf8), "a path does not leave /v1/")
    }
    if !upstreamPath.namesModelOfBody, let model = upstreamPath.modelID(in: path) {
        var again: [UInt8] = []
        upstreamPath.append(to: &again, asWritten: path, model: model)
        guard case .endpoint(_, let second) = route(method: method.span, path: again.span) else {
            return require(false, "a path with its own model is the same path")
        }
        require(second.modelID(in: again.span) == model, "a path names the model that was written")
    }
}

private func checkModel(_ query: Span<UInt8>) {
    guard let found = try? QueryModel.find(in: query) else { return }
    for model in [found.model, "a/b:c d&model=e\u{e9}"] {
        var written: [UInt8] = []
        found.replace(in: query, with: model, to: &written)
        require((try? QueryModel.find(in: written.span))?.model == model, "a query names the model that was written")
    }
}

private func checkList(_ query: Span<UInt8>) {
    let list = ListQuery(query)
    let page = list.page(limit: list.limit, after: list.after)
    let again = ListQuery(page.span)
    require(again.after == list.after, "a page begins after the same entry")
    require(list.limit == nil || again.limit == list.limit || again.limit == nil, "a page has the same limit")
}

private func checkCoding(_ query: Span<UInt8>) {
    guard let text = PercentCoding.strictlyDecoded(query) else { return }
    var written: [UInt8] = []
    PercentCoding.append(text, to: &written)
    require(PercentCoding.strictlyDecoded(written.span) == text, "an encoded text is decoded to itself")
}
