/// The parameters of `/admin/v1/events`: `after` (a cursor) and `limit`.
struct EventsQuery: Equatable {
    /// The events of one page.
    static let limits = 1...1000

    /// The number after which events are wanted; nil for the newest.
    var after: Int64?
    var limit = 100

    /// Reads the query `text`, without its question mark.
    /// - Throws: a sentence about the parameter that cannot be read.
    init(_ text: String) throws(Problem) {
        for part in text.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = pair.count == 2 ? String(pair[1]) : ""
            switch pair[0] {
            case "after":
                guard let number = Int64(value), number >= 0 else {
                    throw Problem("the parameter after is not the number of an event: \(value)")
                }
                after = number
            case "limit":
                guard let number = Int(value), Self.limits.contains(number) else {
                    throw Problem("the parameter limit is not a number from 1 to \(Self.limits.upperBound): \(value)")
                }
                limit = number
            default: throw Problem("there is no parameter \(pair[0]); parameters are after and limit")
            }
        }
    }

    /// A parameter that cannot be read.
    struct Problem: Error, Equatable {
        let message: String

        init(_ message: String) { self.message = message }
    }
}
