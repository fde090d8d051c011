import Clocks

@testable import Policy

extension ZoneOffsets {
    static let utc = ZoneOffsets(periods: [.init(start: 0, offset: 0)])
}

extension LimitTime {
    /// 2026-11-23T10:00:00Z, and so many microseconds later.
    static func at(_ microseconds: Int64 = 0) -> LimitTime {
        LimitTime(wall: Timestamp(microseconds: 1_795_428_000_000_000 + microseconds), monotonic: microseconds)
    }
}

extension LimitRules {
    /// Rules with `tier` as the only tier beside the vendor's.
    static func of(
        _ tiers: Tier..., teams: [String: String] = [:], account: String? = nil, zone: ZoneOffsets = .utc
    ) -> LimitRules {
        LimitRules(Policies(tiers: TierTable(overriding: tiers), teams: teams), accountTier: account, zone: zone)
    }
}

extension Tier {
    static func limited(_ name: String = "limited", _ change: (inout Tier) -> Void) -> Tier {
        var tier = Tier(name: name)
        change(&tier)
        return tier
    }
}

extension LimitedRequest {
    /// A chat with `input` tokens and a bound.
    static func chat(_ input: Int64 = 10, output: Int64?, choices: Int64 = 1) -> LimitedRequest {
        var units = BillableUnits()
        units.inputTokens = input
        return LimitedRequest(
            kind: .tokens, model: "gpt-oss:120b", units: units,
            output: output.map { .bounded(perChoice: $0, choices: choices) }
                ?? .unbounded(choices: choices, canBeBounded: true))
    }
}

extension KeyRecord {
    static func of(
        _ id: String, tier: String = "limited", team: String? = nil, limits: KeyLimits = KeyLimits()
    ) -> KeyRecord {
        KeyRecord(
            id: id, name: id, tier: tier, team: team, createdAt: Timestamp(seconds: 1), limits: limits,
            digest: .example(UInt64(id.utf8.count)))
    }
}

extension Limiter {
    /// Whether `request` is admitted; if so it is settled at once.
    @discardableResult func tries(
        _ request: LimitedRequest, of key: KeyRecord, at now: LimitTime, used: LimitAmounts? = nil
    ) -> Bool {
        do throws(LimitRefusal) {
            let reservation = try admit(request, of: key, at: now)
            _ = settle(reservation, used.map { .used($0) } ?? .nothing, at: now)
            return true
        } catch { return false }
    }

    func refusal(_ request: LimitedRequest, of key: KeyRecord, at now: LimitTime) -> LimitRefusal? {
        do throws(LimitRefusal) {
            let reservation = try admit(request, of: key, at: now)
            _ = settle(reservation, .nothing, at: now)
            return nil
        } catch { return error }
    }
}

extension Limiter {
    /// Counts the usage of a batch without lines.
    @discardableResult
    func charge(_ amounts: LimitAmounts, to key: KeyRecord, at now: LimitTime) -> [LimitAlert] {
        let lines = BatchLines(url: nil, models: [:])
        let hold = resumeHold(lines, keyID: key.id, team: key.team, keys: KeySnapshot([key]), at: now)
        return settle(hold, amounts, at: now)
    }

    /// Ends `hold`, whose batch used `amounts` of the model of `LimitedRequest.chat`.
    @discardableResult
    func settle(_ hold: LastingHold, _ amounts: LimitAmounts, at now: LimitTime) -> [LimitAlert] {
        settle(hold, [ModelAmounts(model: "gpt-oss:120b", amounts: amounts)], at: now)
    }
}

/// What a reservation says, as a value that `#expect` can hold.
struct ReservationTerms: Equatable {
    var outputTokens: Int64
    var writtenBound: Int64?
    var isOpen: Bool
}

extension Reservation {
    var terms: ReservationTerms {
        ReservationTerms(outputTokens: outputTokens, writtenBound: writtenBound, isOpen: isOpen)
    }
}
