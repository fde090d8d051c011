import Clocks
import GRDB
import GRDBSQLite
import Policy

/// Adds up the usage in the windows of limits, in one pass over the totals.
///
/// Windows contain each other. A report for each of them would read most of the totals and the groups several times.
struct LimitSums {
    private let windows: [LimitWindow: Range<Timestamp>]
    private let hasParts: Bool
    /// The times between two ends of windows, each of which belongs to some windows as a whole.
    private let spans: [(start: Timestamp, span: ReportSpan)]

    private var owners: [UsageOwner] = []
    private var places: [UsageOwner: Int] = [:]
    /// The places in `sums` of each owner: for each span that of batches and that of other usage; -1 without any.
    private var indices: [Int32] = []
    private var sums: [LimitTotals] = []

    /// Nothing, of the windows of `span`.
    init(_ span: LimitHistory.Span) {
        windows = span.windows
        hasParts = span.hasParts
        let ends = Set(windows.values.flatMap { [$0.lowerBound, $0.upperBound] }).sorted()
        spans = zip(ends, ends.dropFirst()).map { ($0, ReportSpan(since: $0, until: $1)) }
    }

    /// Adds everything that the ledger has of the windows.
    mutating func add(from database: Database) throws {
        if hasParts {
            // Rows that retention has folded name no user any more: they are nobody's.
            let ofRows = try groups(user: "IFNULL(user, '')", in: database)
            try addTotals(at: .rows, of: ofRows, from: database)
            try addTotals(at: .archive, of: groups(user: "NULL", in: database), from: database)
        } else {
            let groups = try groups(user: "NULL", in: database)
            for place in [TotalsPlace.rows, .archive] { try addTotals(at: place, of: groups, from: database) }
        }
        for (number, span) in spans.enumerated() {
            for moments in span.span.rest { try addRows(of: moments, to: number, from: database) }
        }
    }

    /// The usage in each window. Only limits of an hour tell batches apart.
    func uses() -> [LimitWindow: [LimitHistory.Use]] {
        var uses: [LimitWindow: [LimitHistory.Use]] = [:]
        for (window, times) in windows {
            let within = spans.indices.filter { times.contains(spans[$0].start) }
            uses[window] = owners.indices.flatMap { owner in
                let kinds = Self.kinds(of: owner)
                let parts =
                    window == .hour
                    ? [kinds.lowerBound..<kinds.lowerBound + 1, kinds.lowerBound + 1..<kinds.upperBound] : [kinds]
                return parts.compactMap { use(of: owner, $0, within, isOfBatches: $0.lowerBound > kinds.lowerBound) }
            }
        }
        return uses
    }

    private func use(
        of owner: Int, _ kinds: Range<Int>, _ within: [Int], isOfBatches: Bool
    ) -> LimitHistory.Use? {
        var sum = LimitTotals()
        var isEmpty = true
        for kind in kinds {
            for span in within where indices[kind * spans.count + span] >= 0 {
                isEmpty = false
                sum.add(sums[Int(indices[kind * spans.count + span])])
            }
        }
        return isEmpty ? nil : LimitHistory.Use(owners[owner], amounts: sum.amounts, isOfBatches: isOfBatches)
    }
}

// MARK: Reading

extension LimitSums {
    /// The kinds of an owner's usage: other usage first, then that of batches.
    private static func kinds(of owner: Int) -> Range<Int> { 2 * owner..<2 * owner + 2 }

    private mutating func kind(of owner: UsageOwner, isOfBatches: Bool) -> Int {
        let place = places[owner] ?? insert(owner)
        return Self.kinds(of: place).lowerBound + (isOfBatches ? 1 : 0)
    }

    private mutating func insert(_ owner: UsageOwner) -> Int {
        owners.append(owner)
        places[owner] = owners.count - 1
        indices.append(contentsOf: repeatElement(-1, count: 2 * spans.count))
        return owners.count - 1
    }

    /// The place in `sums` of usage of `kind` in the span `span`.
    private mutating func sum(ofKind kind: Int, in span: Int) -> Int {
        let place = kind * spans.count + span
        if indices[place] < 0 {
            indices[place] = Int32(clamping: sums.count)
            sums.append(LimitTotals())
        }
        return Int(indices[place])
    }

    /// The kinds of usage by the groups of the ledger.
    ///
    /// - Parameter user: SQL for the user of a group.
    private mutating func groups(user: String, in database: Database) throws -> GroupTable<Int> {
        let model = hasParts ? "IFNULL(model_served, model_asked)" : "NULL"
        let statement = try database.makeStatement(
            sql: """
                SELECT id, key_id, team, \(model), \(user), endpoint = '\(UsageRecord.endpointOfBatches)'
                FROM usage_groups ORDER BY id
                """
        )
        var groups = GroupTable<Int>()
        try database.forEachRow(statement) { row in
            func text(_ column: CInt) -> String? { sqlite3_column_text(row, column).map { String(cString: $0) } }
            let owner = UsageOwner(keyID: text(1) ?? "", team: text(2), model: text(3), user: text(4))
            let kind = kind(of: owner, isOfBatches: sqlite3_column_int64(row, 5) != 0)
            groups.insert(kind, for: sqlite3_column_int64(row, 0))
        }
        return groups
    }

    private mutating func addTotals(
        at place: TotalsPlace, of groups: GroupTable<Int>, from database: Database
    ) throws {
        guard let first = spans.first?.span.quarters.lowerBound, let end = spans.last?.span.quarters.upperBound,
            first < end
        else { return }
        var groups = groups
        var period = SpansOfPeriod()
        try TotalsReader<UsageTotals>.forEachPeriod(of: first..<end, at: [place], in: database) {
            number, group, entries in
            guard let kind = groups.value(of: group) else { return false }
            if period.number != number { period = SpansOfPeriod(number, spans.map(\.span.quarters)) }
            return add(entries, ofKind: kind, period)
        }
    }

    /// Adds the totals of one period. Returns false if `entries` are not of `PeriodTotals`.
    private mutating func add(_ entries: UnsafeRawBufferPointer, ofKind kind: Int, _ period: SpansOfPeriod) -> Bool {
        PeriodTotals.forEach(in: entries) { quarter, position in
            var totals = UsageTotals()
            guard totals.add(entries, at: &position) else { return false }
            // Else rows tell on which side of a window's end they are.
            if let span = period.span(of: quarter) { sums[sum(ofKind: kind, in: span)].add(totals.ofLimits) }
            return true
        }
    }

    private mutating func addRows(
        of moments: ClosedRange<Timestamp>, to span: Int, from database: Database
    ) throws {
        let condition = ReportSpan.condition(moments)
        var records: [UsageRecord] = []
        try UsageTable.forEach(condition.sql, arguments: condition.arguments, in: database) { record, _, _ in
            records.append(record)
        }
        for record in records {
            var owner = UsageOwner(record)
            if !hasParts { (owner.model, owner.user) = (nil, nil) }
            let kind = kind(of: owner, isOfBatches: record.endpoint == UsageRecord.endpointOfBatches)
            sums[sum(ofKind: kind, in: span)].add(UsageTotals(record).ofLimits)
        }
    }
}

/// The spans that the quarters of one period are in.
private struct SpansOfPeriod {
    /// The number of the period; nil for none.
    let number: Int64?
    private var spans = InlineArray<24, Int?>(repeating: nil)

    init() { number = nil }

    init(_ number: Int64, _ quarters: [Range<Quarter>]) {
        self.number = number
        var moment = Quarter(period: number, quarter: 0)
        for place in spans.indices {
            spans[place] = quarters.firstIndex { $0.contains(moment) }
            moment = Quarter(number: moment.number + 1)
        }
    }

    /// The span of a quarter of the period, below `Quarter.ofPeriod`; nil for one that is in no span as a whole.
    func span(of quarter: UInt8) -> Int? { spans.span[Int(quarter)] }
}
