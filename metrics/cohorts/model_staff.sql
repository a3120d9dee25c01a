-- One row per school unit and term with staffed models: the full-time posts that each of its pupils shares in.
-- Years: attendance_terms 0
WITH instances AS (
    SELECT
        register.instance,
        register.municipality,
        register.school_unit,
        pupils.term,
        pupils.pupils,
        max(coalesce(register.filled_posts, register.planned_posts)) OVER whole AS posts,
        sum(pupils.pupils) OVER whole AS covered
    FROM collaboration_register AS register
    JOIN (
        SELECT
            school_unit,
            term,
            count(*) AS pupils
        FROM attendance_terms
        GROUP BY
            school_unit,
            term
    ) AS pupils
        ON pupils.school_unit = register.school_unit
        AND register.started <= make_date(pupils.term // 2 - 1 + pupils.term % 2, 9, 30)
        AND (register.ended IS NULL OR register.ended >= make_date(pupils.term // 2 + pupils.term % 2, 5, 31))
    WINDOW whole AS (PARTITION BY register.instance, register.municipality, pupils.term)
)
SELECT
    school_unit,
    term,
    sum(posts / covered) AS posts_per_pupil
FROM instances
GROUP BY
    school_unit,
    term
