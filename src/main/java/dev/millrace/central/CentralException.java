package dev.millrace.central;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The central database cannot be reached or used. The metrics file has everything; try again when the reason is gone. */
public final class CentralException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CentralException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** An error of the database, with its code. */
    static CentralException of(String action, String place, SQLException cause) {
        String state = cause.getSQLState() == null ? "" : " (SQLSTATE " + cause.getSQLState() + ")";
        String reason = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        return new CentralException(action + " at " + place + ": " + reason + state + ".", cause);
    }
}
