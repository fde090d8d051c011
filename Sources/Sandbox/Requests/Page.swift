/// One page of a list, as the parameters `after` and `limit` request it.
struct Page<Element> {
    let elements: ArraySlice<Element>
    let hasMore: Bool

    /// - Parameters:
    ///   - all: elements in the order of the list.
    ///   - query: `after`, the id of the element before the page, and `limit`, from 1 to 10,000.
    init(_ all: [Element], query: Query, standardLimit: Int, id: (Element) -> String) throws(SandboxError) {
        var rest = all[...]
        if let after = query["after"], !after.isEmpty {
            guard let index = all.firstIndex(where: { id($0) == after }) else {
                throw .invalid("Invalid parameter 'after': no such object", param: "after")
            }
            rest = all[(index + 1)...]
        }
        var limit = standardLimit
        if let text = query["limit"] {
            guard let number = Int(text), (1...10_000).contains(number) else {
                throw .invalid("Invalid parameter 'limit': must be from 1 to 10000", param: "limit")
            }
            limit = number
        }
        elements = rest.prefix(limit)
        hasMore = rest.count > limit
    }
}
