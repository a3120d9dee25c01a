-- One row per pupil in years 7-9, model type that met her, and term from the one before her first case to the one after
-- her last; a pupil whose support goes on, or who has no material in those terms, is one row without a term.
WITH spells AS (
    SELECT
        coalesce(identity.pupil, cases.pupil) AS pupil,
        cases.model_type,
        min(year(cases.started) * 2 + CASE WHEN month(cases.started) >= 7 THEN 1 ELSE 0 END) AS first_term,
        CASE
            WHEN count(*) = count(cases.ended)
                THEN max(year(cases.ended) * 2 + CASE WHEN month(cases.ended) >= 7 THEN 1 ELSE 0 END)
        END AS last_term
    FROM model_participation AS cases
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = cases.pupil
    GROUP BY
        coalesce(identity.pupil, cases.pupil),
        cases.model_type
    HAVING arg_min(cases.stage, (cases.started, cases.stage)) = '7-9'
)
SELECT
    spells.pupil,
    spells.model_type,
    CASE
        WHEN measured.term < spells.first_term THEN 'before'
        WHEN measured.term > spells.last_term THEN 'after'
        WHEN measured.term IS NOT NULL THEN 'during'
    END AS part,
    measured.term,
    measured.school_unit,
    measured.school_municipality,
    measured.provider,
    measured.stage,
    measured.method,
    measured.models,
    measured.participates,
    measured.offered,
    measured.absence
FROM spells
LEFT JOIN attendance_terms AS measured
    ON measured.contributors = spells.pupil
    AND measured.term BETWEEN spells.first_term - 1 AND spells.last_term + 1
