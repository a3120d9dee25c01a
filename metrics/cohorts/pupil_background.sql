-- One row per pupil and school year with facts that were delivered apart from results and attendance.
-- Years: background 0
SELECT
    coalesce(identity.pupil, facts.pupil) AS pupil,
    facts.school_year,
    max(facts.sex) AS sex,
    max(facts.birth_year) AS birth_year,
    max(facts.home_municipality) AS home_municipality,
    max(facts.foreign_background) AS foreign_background,
    max(facts.parents_education) AS parents_education,
    max(facts.newly_arrived) AS newly_arrived,
    max(facts.special_support) AS special_support
FROM background AS facts
LEFT JOIN pupil_identity AS identity
    ON identity.old_pupil = facts.pupil
GROUP BY
    coalesce(identity.pupil, facts.pupil),
    facts.school_year
