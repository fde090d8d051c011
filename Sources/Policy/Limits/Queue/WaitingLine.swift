import Bytes

/// The moment in a line's own time at which a request has its turn; of equal ones the first that came.
struct LineTurn: Comparable, Hashable {
    let time: Int64
    let number: Int

    static func < (left: LineTurn, right: LineTurn) -> Bool { (left.time, left.number) < (right.time, right.number) }
}

/// The order in which requests that wait for room in limits take their turns: by the weights of their keys' tiers, and first
/// come, first served for each key.
///
/// It is start-time fair queueing (Goyal, Vin, Cheng, 1996) in which each request has the same length: a key's next turn comes
/// `1 / weight` after its last one, and not before the line's own time, which is that of the turn taken last.
struct WaitingLine<Element> {
    /// A place in the line.
    struct Place {
        let turn: LineTurn
        let key: String
        let tier: String
        let element: Element
    }

    /// The answer of a request whose turn it is.
    enum Answer {
        /// It has room and leaves the line.
        case goesOn
        /// It waits on, and with it the others of its key.
        case waits
        /// It waits on alone.
        case waitsAlone
        /// It waits on, and with it all behind it.
        case endsTheRound
    }

    /// The time between turns of a key whose weight is 1. Every weight from 1 to 1,000 divides it with an error below 0.1 %.
    private static var step: Int64 { 1 << 20 }

    /// The places, in the order of their turns.
    private(set) var places: [Place] = []
    private var now: Int64 = 0
    private var arrivals = 0
    /// The last turn, and the number of places, of each key that waits.
    private var keys: [String: (last: Int64, places: Int)] = [:]

    /// The number of requests that wait in `tier`.
    func count(inTier tier: String) -> Int { places.count { $0.tier == tier } }

    /// The turn of the next request of `key`.
    mutating func nextTurn(of key: String, weight: Int) -> LineTurn {
        let last = max(now, keys[key]?.last ?? now)
        let turn = LineTurn(time: last.addingSaturated(Self.step / Int64(max(1, weight))), number: arrivals)
        arrivals += 1
        return turn
    }

    /// Joins the line at `turn`, a result of `nextTurn`.
    mutating func join(_ element: Element, at turn: LineTurn, key: String, tier: String) {
        keys[key] = (turn.time, (keys[key]?.places ?? 0) + 1)
        places.insert(Place(turn: turn, key: key, tier: tier, element: element), at: index(of: turn))
    }

    /// Takes the place of `turn` out of the line, if it is still there.
    mutating func leave(_ turn: LineTurn) {
        let index = index(of: turn)
        guard index < places.count, places[index].turn == turn else { return }
        removed(places.remove(at: index))
    }

    /// Asks the requests in the order of their turns, each key's until one waits on, and takes out those that go on.
    mutating func takeTurns(_ ask: (Place) -> Answer) {
        var waiting: Set<String> = []
        var taken: [LineTurn] = []
        round: for place in places where !waiting.contains(place.key) {
            switch ask(place) {
            case .goesOn: taken.append(place.turn)
            case .waits: waiting.insert(place.key)
            case .waitsAlone: break
            case .endsTheRound: break round
            }
        }
        for turn in taken {
            now = max(now, turn.time)
            leave(turn)
        }
    }

    private mutating func removed(_ place: Place) {
        keys[place.key]?.places -= 1
        if keys[place.key]?.places == 0 { keys[place.key] = nil }
        // No request waits: time begins at zero, so that it does not grow without end. Numbers go on: a turn is told by them.
        if places.isEmpty { now = 0 }
    }

    /// The index of the first place whose turn is not before `turn`.
    private func index(of turn: LineTurn) -> Int {
        var low = 0
        var high = places.count
        while low < high {
            let middle = low + (high - low) / 2
            if places[middle].turn < turn { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
