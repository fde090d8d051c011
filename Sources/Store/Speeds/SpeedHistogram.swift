import Bytes
import Policy

/// Requests of a report's row by how fast they were, for percentiles.
package struct SpeedHistogram: Sendable {
    /// The most places that are searched one by one. A report by key may have a hundred thousand rows with few requests each.
    private static let fewPlaces = 48

    /// Places with their counts, in any order, as long as there are few.
    private var few: [SpeedCounts.Entry] = []
    /// The counts of all places as soon as there are many.
    private var counts: [Int64] = []

    /// The measures of `records`.
    package init(_ records: [UsageRecord] = []) {
        for record in records { add(record) }
    }

    /// Adds `count` requests at `place`.
    mutating func add(_ count: Int64, at place: Int) {
        guard counts.isEmpty else {
            counts[place] = counts[place].addingSaturated(count)
            return
        }
        if let known = few.firstIndex(where: { $0.place == place }) {
            few[known].count = few[known].count.addingSaturated(count)
            return
        }
        few.append(SpeedCounts.Entry(place: place, count: count))
        guard few.count > Self.fewPlaces else { return }
        counts = Array(repeating: 0, count: SpeedCounts.places)
        for entry in few { counts[entry.place] = entry.count }
        few = []
    }

    /// Returns the requests of both.
    func adding(_ other: SpeedHistogram) -> SpeedHistogram {
        var sum = self
        for entry in other.entries { sum.add(entry.count, at: entry.place) }
        return sum
    }

    /// Adds the measures of one request.
    mutating func add(_ record: borrowing UsageRecord) {
        for entry in SpeedCounts(record).entries { add(entry.count, at: entry.place) }
    }

    /// The requests that were measured.
    package func requests(_ measure: SpeedMeasure) -> Int64 {
        Self.sum(buckets(of: measure))
    }

    /// The value, in the unit of `measure`, that `percent` of the measured requests reached or were faster than; nil without any.
    ///
    /// It is the middle of its bucket: at most 3.2 % beside the request's.
    package func percentile(_ percent: Int64, _ measure: SpeedMeasure) -> Int64? {
        var buckets = buckets(of: measure)
        if measure.isRate { buckets.reverse() }
        let rank = Self.sum(buckets).scaled(by: percent, over: 100, limit: .max)
        var sum: Int64 = 0
        for (bucket, count) in buckets {
            sum = sum.addingSaturated(count)
            if sum >= rank { return SpeedScale.middle(of: bucket) }
        }
        return nil
    }

    private static func sum(_ buckets: [(bucket: Int, count: Int64)]) -> Int64 {
        buckets.reduce(0) { $0.addingSaturated($1.count) }
    }

    /// The buckets with requests, ascending. Counts below zero are of rows that are gone, and count as none.
    private func buckets(of measure: SpeedMeasure) -> [(bucket: Int, count: Int64)] {
        let first = SpeedCounts.place(of: measure)
        return entries.filter { (first..<first + SpeedScale.count).contains($0.place) && $0.count > 0 }
            .map { ($0.place - first, $0.count) }
    }

    /// The places with requests, ascending.
    private var entries: [SpeedCounts.Entry] {
        guard !counts.isEmpty else { return few.sorted { $0.place < $1.place } }
        return counts.indices.filter { counts[$0] != 0 }.map { SpeedCounts.Entry(place: $0, count: counts[$0]) }
    }
}

extension SpeedHistogram: Equatable {
    package static func == (left: SpeedHistogram, right: SpeedHistogram) -> Bool { left.entries == right.entries }
}
