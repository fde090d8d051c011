import Clocks
import Glibc
import Policy

/// What admission and settlement cost, in nanoseconds of CPU time each, with few keys and with many.
///
///     scripts/bench --only limits
///     .build-bench/release/limits-benchmark 100000 parts    (one row, once: for profilers)
@main
enum LimitsBenchmark {
    static func main() {
        print(
            "keys     teams  parts  admission  settlement   (ns of CPU each, every scope and kind limited, median of 5)"
        )
        let arguments = CommandLine.arguments.dropFirst()
        if let keyCount = arguments.first.flatMap({ Int($0) }) {
            return show(keyCount: keyCount, hasParts: arguments.contains("parts"), runs: 1)
        }
        for keyCount in [10, 1000, 100_000] {
            for hasParts in [false, true] { show(keyCount: keyCount, hasParts: hasParts, runs: 5) }
        }
    }

    private static func show(keyCount: Int, hasParts: Bool, runs count: Int) {
        let teamCount = min(1000, max(1, keyCount / 10))
        let runs = (0..<count).map { _ in run(keyCount: keyCount, teamCount: teamCount, hasParts: hasParts) }
        let admission = runs.map(\.admission).sorted()[count / 2]
        let settlement = runs.map(\.settlement).sorted()[count / 2]
        print(
            "\(padded(keyCount, 7))  \(padded(teamCount, 5))  \(padded(hasParts ? 2 : 0, 5))  "
                + "\(padded(Int(admission), 9))  \(padded(Int(settlement), 10))")
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: " ", count: max(0, width - digits.count)) + digits
    }

    /// The limits of all kinds, which nothing here reaches.
    private static var limits: [LimitKind: Int64] {
        Dictionary(
            uniqueKeysWithValues: LimitKind.allCases.map { kind in
                switch kind.form {
                case .rate: (kind, 1_000_000_000)
                case .perRequest: (kind, 1000)
                case .window, .concurrent: (kind, 1 << 60)
                }
            })
    }

    private static func tier(_ name: String) -> Tier {
        var tier = Tier(name: name)
        for (kind, limit) in limits { tier[kind] = limit }
        return tier
    }

    /// - Parameter hasParts: gives each key limits for a model and for a user too.
    private static func run(
        keyCount: Int, teamCount: Int, hasParts: Bool
    ) -> (admission: Double, settlement: Double) {
        var tier = tier("tier")
        if hasParts {
            tier.perModel = ["gpt-oss:120b": limits, "qwen*": limits]
            tier.perUser = limits
        }
        let teams = Dictionary(uniqueKeysWithValues: (0..<teamCount).map { ("team-\($0)", "shared") })
        let zone = ZoneOffsets(periods: [.init(start: 0, offset: 3600)])
        let limiter = Limiter(
            LimitRules(
                Policies(tiers: TierTable(overriding: [tier, Self.tier("shared")]), teams: teams),
                accountTier: "shared", zone: zone))
        let keys = (0..<keyCount).map { number in
            KeyRecord(
                id: "key\(1_000_000 + number)", name: "", tier: "tier", team: "team-\(number % teamCount)",
                createdAt: Timestamp(seconds: 0), digest: KeyDigest(UInt64(number), 0, 0, 0))
        }
        var units = BillableUnits()
        units.inputTokens = 30
        var request = LimitedRequest(
            kind: .tokens, model: "gpt-oss:120b", units: units, output: .unbounded(choices: 1, canBeBounded: true))
        request.user = "user-7"
        let used = LimitOutcome.used(LimitAmounts(tokens: 60, outputTokens: 30, cost: 294_000))
        var clock = LimitTime(wall: Timestamp(seconds: 1_795_428_000), monotonic: 1_000_000)
        var order: UInt64 = 88_172_645_463_325_252

        // Every key has been seen: what is measured is neither the tables' growth nor the first touch of memory.
        for key in keys {
            do throws(LimitRefusal) {
                _ = limiter.settle(try limiter.admit(request, of: key, at: clock), used, at: clock)
            } catch { fatalError("refused: \(error)") }
        }
        var authenticated = 0
        var admission: UInt64 = 0
        var settlement: UInt64 = 0
        let batch = 100
        let rounds = 3000
        for round in 0..<rounds + 200 {
            var held = Held()
            clock.wall.microseconds += 100
            clock.monotonic += 100
            var places: [Int] = []
            for _ in 0..<batch {
                order ^= order << 13
                order ^= order >> 7
                order ^= order << 17
                places.append(Int(order % UInt64(keyCount)))
            }
            // Authentication has just read the key's record when its request is admitted.
            for place in places { authenticated &+= keys[place].id.utf8.count &+ (keys[place].team?.utf8.count ?? 0) }
            let start = cpuTime()
            for place in places {
                do throws(LimitRefusal) { held.append(try limiter.admit(request, of: keys[place], at: clock)) } catch {
                    fatalError("refused: \(error)")
                }
            }
            let middle = cpuTime()
            held.forEach { reservation in
                _ = limiter.settle(reservation, used, model: request.model, user: request.user, at: clock)
            }
            let end = cpuTime()
            guard round >= 200 else { continue }
            admission += middle - start
            settlement += end - middle
        }
        precondition(authenticated > 0)
        let count = Double(rounds * batch)
        return (Double(admission) / count, Double(settlement) / count)
    }

    private static func cpuTime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Reservations in a row: what cannot be copied cannot stand in an array.
private struct Held: ~Copyable {
    private let reservations = UnsafeMutablePointer<Reservation>.allocate(capacity: 100)
    private var count = 0

    init() {}

    mutating func append(_ reservation: consuming Reservation) {
        (reservations + count).initialize(to: reservation)
        count += 1
    }

    consuming func forEach(_ body: (consuming Reservation) -> Void) {
        for index in 0..<count { body((reservations + index).move()) }
    }

    deinit { reservations.deallocate() }
}
