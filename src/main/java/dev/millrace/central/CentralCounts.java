package dev.millrace.central;

/**
 * What was copied. Immutable.
 *
 * @param points points of all kinds that the database did not have
 * @param others events, stages, tags and settings stored or changed
 * @param runs runs looked at, each time counted
 * @param outages times that the database went away
 * @param failures attempts that failed
 */
public record CentralCounts(long points, long others, long runs, long outages, long failures) {
    static final CentralCounts NONE = new CentralCounts(0, 0, 0, 0, 0);

    CentralCounts plus(CentralCounts more) {
        return new CentralCounts(
                points + more.points,
                others + more.others,
                runs + more.runs,
                outages + more.outages,
                failures + more.failures);
    }
}
