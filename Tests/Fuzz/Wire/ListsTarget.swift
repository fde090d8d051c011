import Fuzzing
import OpenAIAPI

/// Lists and files of the upstream: what is made of them is valid, and says what it was to say.
extension FuzzTarget {
    static let lists = FuzzTarget("lists") { data, count in
        examine(data, count) { bytes in
            checkModels(bytes.array)
            checkPage(bytes.array)
            let whole = BatchOutputScanner()
            whole.scan(bytes)
            whole.finish()
            let split = BatchOutputScanner()
            for piece in Splits(bytes) { split.scan(bytes.extracting(piece)) }
            split.finish()
            require(whole.sums == split.sums, "a split batch file is billed as the whole")
        }
    }
}

private func checkModels(_ body: [UInt8]) {
    let aliases = [(alias: "alias\"\u{e9}", target: "m"), (alias: "n", target: "m")]
    guard let list = ModelList(body, allows: { $0 == "m" || $0 == "n" }, aliases: aliases) else { return }
    let filtered = list.document
    require(JSONGrammar.accepts(filtered.span, depth: 256) != false, "a filtered list is a document")
    guard let again = ModelList(filtered, allows: { _ in true }, aliases: []) else {
        return require(false, "a filtered list is a list")
    }
    require(again.document == filtered, "a filtered list has nothing but allowed models")
    do throws(APIError) {
        let page = try AnthropicModelPage("limit=1000".utf8.span).document(of: list) { "\($0)" }
        require(JSONGrammar.accepts(page.span, depth: 256) == true, "a page is a document")
    } catch { require(false, "a list has a first page") }
}

private func checkPage(_ body: [UInt8]) {
    guard let page = ResourceListPage(body) else { return }
    var writer = ResourceListWriter()
    for entry in page.entries {
        require(JSONGrammar.accepts(body.span.extracting(entry.range), depth: 256) != false, "an entry is a document")
        writer.add(body[entry.range], id: entry.resource.id)
    }
    let written = writer.finish(hasMore: page.hasMore)
    guard let again = ResourceListPage(written) else { return require(false, "a written list is a list") }
    require(again.entries.map(\.resource) == page.entries.map(\.resource), "a written list has the same entries")
    require(again.hasMore == page.hasMore, "a written list says whether there is more")
}
