import Bytes
import Clocks
import Foundation
import Policy
import Yams

extension Configuration {
    /// `models.prices`: prices by model and by day.
    package struct PriceTable: Sendable, Equatable {
        /// The prices of a model that has none in `models`.
        package var standard = PriceSchedule(.vendor)
        /// The prices of single models, by name.
        package var models: [String: PriceSchedule] = [:]

        /// The price list with days that begin in `zone`.
        func list(in zone: TimeZone) -> PriceList {
            PriceList(standard: standard.history(in: zone), models: models.mapValues { $0.history(in: zone) })
        }
    }
}

/// The prices of a model, and those of days to come.
package struct PriceSchedule: Sendable, Equatable {
    /// The prices before the first change.
    package let first: ModelPrices
    /// The prices from a day on, ascending.
    private(set) var changes: [DatedPrices] = []

    /// `first`, without a change.
    package init(_ first: ModelPrices) { self.first = first }

    /// The prices that hold on `day`.
    private func prices(on day: CivilDate) -> ModelPrices {
        changes.last { $0.from.map { $0 <= day } ?? true }?.prices ?? first
    }

    /// The same with moments, for days that begin in `zone`.
    func history(in zone: TimeZone) -> PriceHistory {
        PriceHistory(
            first,
            changes.compactMap { change in
                change.from.map { PriceHistory.Change(from: $0.start(in: zone), change.prices) }
            })
    }
}

extension PriceSchedule {
    /// Reads a mapping of prices, or a list of them by day. A member that none of them has by a day is that of `base`.
    init(_ node: ConfigNode, over base: PriceSchedule) {
        let entries = Self.entries(node)
        func prices(on day: CivilDate?) -> ModelPrices {
            var prices = DatedPrices(day.map { base.prices(on: $0) } ?? base.first)
            for entry in entries where entry.from.map({ from in day.map { from <= $0 } ?? false }) ?? true {
                entry.section.read(DatedPrices.members, into: &prices)
            }
            return prices.prices
        }
        first = prices(on: nil)
        let days = (base.changes.map(\.from) + entries.map(\.from)).compactMap(\.self)
        changes = Set(days).sorted().map { DatedPrices(prices(on: $0), from: $0) }
    }

    /// The entries with their days, which ascend; only the first may have none.
    private static func entries(_ node: ConfigNode) -> [(from: CivilDate?, section: ConfigSection)] {
        var entries: [(from: CivilDate?, section: ConfigSection)] = []
        for (index, element) in node.elements.enumerated() {
            guard let section = element.section else { continue }
            var dates = DatedPrices(.vendor)
            section.read(DatedPrices.members, into: &dates)
            if index > 0 {
                guard let from = dates.from else {
                    element.report("needs from, the day from which its prices hold, as 2026-12-01")
                    continue
                }
                if let before = entries.last?.from, from <= before {
                    element.report("must hold from a later day than the prices before it")
                    continue
                }
            }
            entries.append((dates.from, section))
        }
        return entries
    }

    /// The mapping or list for `config show`.
    var node: Node {
        let first = Node(members: DatedPrices.prices, of: DatedPrices(first))
        guard !changes.isEmpty else { return first }
        return Node([first] + changes.map { Node(members: DatedPrices.members, of: $0) }, .implicit, .block)
    }
}

/// Prices, and the day from which they hold.
struct DatedPrices: Sendable, Equatable {
    /// The first day; nil for the time before every change.
    var from: CivilDate?
    var prices: ModelPrices

    init(_ prices: ModelPrices, from: CivilDate? = nil) {
        self.prices = prices
        self.from = from
    }

    /// The members of an entry.
    static var members: [Member<DatedPrices>] {
        [
            Member(
                optional: \.from, "from", .date,
                "Day from which these prices hold, in `time_zone`; in a list, every entry but the first has one.")
        ] + prices
    }

    /// The members that are prices.
    static var prices: [Member<DatedPrices>] {
        let perMillion = ValueFormat<Int64>.decimal(places: 3, "price in EUR per million")
        let each = ValueFormat<Int64>.decimal(places: 9, "price in EUR")
        return [
            Member(\.prices.input, "input", perMillion, "Input tokens."),
            Member(
                optional: \.prices.cached, "cached", perMillion,
                "Input tokens that the upstream read from a cache. `null` is the price of `input`."),
            Member(\.prices.output, "output", perMillion, "Output tokens."),
            Member(
                optional: \.prices.reasoning, "reasoning", perMillion,
                "Reasoning tokens. `null` is the price of `output`."),
            Member(\.prices.rerank, "rerank", perMillion, "Tokens of a rerank's query and documents."),
            Member(
                optional: \.prices.batchInput, "batch_input", perMillion,
                "Input tokens in a batch, cached ones included. `null` is half of `input` or `cached`."),
            Member(
                optional: \.prices.batchOutput, "batch_output", perMillion,
                "Output tokens in a batch. `null` is half of `output` or `reasoning`."),
            Member(\.prices.audioMinute, "audio_minute", each, "Each started minute of transcribed audio."),
            Member(
                optional: \.prices.speechCharacter, "speech", perMillion,
                "Characters of speech. The vendor publishes no price: `null` bills nothing, and its use is warned of."),
            Member(
                optional: \.prices.image, "image", each,
                "Each image. The vendor publishes no price: `null` bills nothing, and its use is warned of."),
        ]
    }
}

extension ValueFormat<CivilDate> {
    /// A day, as `2026-12-01`.
    static var date: Self {
        Self(
            form: "day, as `2026-12-01`",
            read: { text throws(ParseProblem) in
                guard let date = CivilDate(text) else {
                    throw ParseProblem("must be a day of the calendar, as 2026-12-01")
                }
                return date
            }, write: { $0.description })
    }
}

extension CivilDate {
    /// The first moment of the day in `zone`, which is not midnight where clocks change then.
    fileprivate func start(in zone: TimeZone) -> Timestamp {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let noon = DateComponents(year: Int(year), month: Int(month), day: Int(day), hour: 12)
        let utc = Timestamp(seconds: daysSince1970.multipliedSaturated(by: 86_400))
        return calendar.date(from: noon).map { noon in
            Timestamp(seconds: Int64(saturating: calendar.startOfDay(for: noon).timeIntervalSince1970))
        } ?? utc
    }
}
