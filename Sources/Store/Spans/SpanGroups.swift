import GRDB

/// The members of groups that a coarser detail tells apart, as numbers. For one transaction.
struct SpanGroups {
    private let detail: SpanDetail
    private var reader: GroupReader
    private var numbers = GroupTable<Int>()
    private var known: [SpanDetail.Members: Int] = [:]

    /// Reads groups of `database`, in its present transaction. `detail` is not `.groups`.
    init(_ detail: SpanDetail, of database: Database) {
        self.detail = detail
        reader = GroupReader(database)
    }

    /// The number of the members of `group`.
    mutating func members(of group: Int64) throws -> Int {
        if let number = numbers.value(of: group) { return number }
        var reader = reader
        try reader.read(group) { learn(SpanDetail.Members($0, detail), of: $1) }
        self.reader = reader
        guard let number = numbers.value(of: group) else { throw PeriodTotals.damage }
        return number
    }

    private mutating func learn(_ members: SpanDetail.Members, of group: Int64) {
        let number = known[members] ?? known.count
        known[members] = number
        numbers.insert(number, for: group)
    }
}
