package dev.millrace.metrics;

/**
 * What an import of spool files did. Immutable.
 *
 * @param producers processes whose files were there
 * @param records records that are in the file now and were not before
 * @param rejected records that the file refuses
 * @param damaged records that could not be read
 * @param torn processes that ended in the middle of a record, which nobody was told was kept
 * @param complete whether no process is left that may write more
 */
public record ImportReport(long producers, long records, long rejected, long damaged, long torn, boolean complete) {}
